/** The style sheet of the HTML report: light and dark by the reader's setting, narrow screens, paper. */
export const HTML_STYLE = `
:root { color-scheme: light dark; --text: #1c1e21; --dim: #575c63; --page: #fff; --line: #d7dadf; --soft: #f3f4f6; --link: #0b57a4;
  --error: #b3261e; --warning: #8a5a00; --note: #1f6b44; --accepted: #575c63; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --dim: #a9afb8; --page: #17191c; --line: #3a3f46; --soft: #22262b; --link: #8ab8f5;
  --error: #ff8a80; --warning: #f2c14e; --note: #7fd1a3; --accepted: #a9afb8; --on: #17191c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1rem 1.25rem 3rem; background: var(--page); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .35rem 0; }
.dim { color: var(--dim); }
a { color: var(--link); }
details { margin: .75rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem .75rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
.sums td, .sums th { white-space: nowrap; }
.sums td.about { white-space: normal; }
.sums .n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: block; width: 10rem; height: .8rem; }
rect.error { fill: var(--error); } rect.warning { fill: var(--warning); } rect.note { fill: var(--note); }
.kind { display: inline-block; white-space: nowrap; padding: 0 .4rem; border-radius: .25rem; font-size: .85em; font-weight: 600; color: var(--on); background: var(--note); }
.kind.error { background: var(--error); } .kind.warning { background: var(--warning); } .kind.accepted { background: var(--accepted); }
.controls { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin: .5rem 0; }
.controls div { display: grid; } .controls label { font-size: .85rem; color: var(--dim); }
input, select, button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--dim); border-radius: .3rem; padding: .25rem .5rem; }
input { width: 20rem; max-width: 100%; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
#box { height: 70vh; overflow: auto; border: 1px solid var(--line); border-radius: .3rem; }
#table { table-layout: fixed; width: 100%; }
#table th { position: sticky; top: 0; padding: 0; background: var(--soft); height: 32px; }
#table th button { width: 100%; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; height: 32px; text-align: left; border: 0; background: none; font-weight: 600; }
#table th[aria-sort=ascending] button::after { content: ' \\2191'; } #table th[aria-sort=descending] button::after { content: ' \\2193'; }
#table td { height: 32px; padding: 0 .5rem; vertical-align: middle; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
#table tr { cursor: pointer; } #table tbody tr:hover { background: var(--soft); }
#table .c0 { width: 8rem; } #table .c2 { width: 6rem; } #table .c3 { width: 11rem; }
#table.long .c0 { width: 13rem; } #table.long .c3 { width: 9rem; } #table.long .c5 { width: 10rem; }
#table .kind { max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: middle; }
#table td.c4 { font-family: ui-monospace, monospace; font-size: .87em; }
dialog { width: min(48rem, 94vw); color: inherit; background: var(--page); border: 1px solid var(--dim); border-radius: .5rem; padding: 1rem 1.25rem; }
dialog h2 { margin: 0 0 .75rem; overflow-wrap: anywhere; font-family: ui-monospace, monospace; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; margin: 0 0 1rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
@media (max-width: 45rem) {
  body { padding: .75rem .75rem 2rem; }
  #table .c2, #table .c5, #table .c7 { display: none; }
  #table .c0 { width: 6rem; } #table.long .c0 { width: 8rem; } #table .c3, #table.long .c3 { width: 6.5rem; }
  .sums th { white-space: normal; } .sums td.about { overflow-wrap: anywhere; } .sums td:nth-child(3), .sums th:nth-child(3) { display: none; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } .controls div, input { width: 100%; }
}
@media print {
  #box { height: auto; max-height: none !important; overflow: visible; border: 0; } .controls { display: none; } #table th { position: static; }
  #table td { height: auto; white-space: normal; vertical-align: baseline; overflow-wrap: anywhere; } tr { break-inside: avoid; }
}
`;
