/**
 * The script of the HTML report. Only the rows in view are in the document, between paddings as high as the others, so
 * that a list of any length scrolls and searches at once. A row is an array: kind, severity, bus, module, pattern,
 * device, file and line, message, accepted, fingerprint, details.
 */
export const HTML_SCRIPT = `'use strict';
const $ = (id) => document.getElementById(id);
let kinds, columns, rows, shown;
const [box, pad, body, dialog] = [$('box'), $('pad'), $('body'), $('details')];
const FINGERPRINT = 9;
const height = 32;
const wholes = [];
let order = -1, up = true, all = false, focus = -1;
const element = (name, text, parent, attributes = {}) => {
  const made = document.createElement(name);
  if (text !== null) made.textContent = text;
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  parent.append(made);
  return made;
};
// The pattern, or the name of a file, also of one in a package: PACKAGE(PATH):LINE.
const nameOf = (row) => row[4] ?? row[6]?.split('/').pop().replace(')', '') ?? row[7];
const line = (row, i) => {
  const tr = document.createElement('tr');
  tr.setAttribute('aria-rowindex', i + 2);
  tr.dataset.i = i;
  columns.forEach((column, c) => {
    const td = element('td', c === 0 || column === 4 ? null : row[column] ?? '', tr, { class: 'c' + column });
    if (c === 0) element('span', row[0], td, { class: 'kind ' + (row[8] ? 'accepted' : row[1]) });
    if (column === 4) element('a', nameOf(row), td, { href: '#' + row[FINGERPRINT] });
  });
  return tr;
};
const paint = () => {
  const had = body.contains(document.activeElement);
  const from = all ? 0 : Math.max(0, Math.floor(box.scrollTop / height) - 8);
  const to = all ? shown.length : Math.min(shown.length, from + Math.ceil(box.clientHeight / height) + 16);
  pad.style.paddingTop = from * height + 'px';
  pad.style.paddingBottom = (shown.length - to) * height + 'px';
  body.replaceChildren(...shown.slice(from, to).map((row, i) => line(row, from + i)));
  if (had) (link(focus) ?? box).focus({ preventScroll: true });
};
const link = (i) => body.querySelector('tr[data-i="' + i + '"] a');
const reach = (i) => {
  focus = i;
  if (i * height < box.scrollTop) box.scrollTop = i * height;
  if ((i + 2) * height > box.scrollTop + box.clientHeight) box.scrollTop = (i + 2) * height - box.clientHeight;
  paint();
  link(i)?.focus({ preventScroll: true });
};
const find = () => {
  const words = $('search').value.toLowerCase().split(/\\s+/).filter(Boolean);
  const chosen = [...document.querySelectorAll('select')].map((s) => [Number(s.dataset.column), s.value]).filter(([, value]) => value !== '');
  const whole = (i) => (wholes[i] ??= rows[i].flat(2).join(' ').toLowerCase());
  shown = rows.filter((row, i) => chosen.every(([column, value]) => (row[column] ?? '') === value) && words.every((word) => whole(i).includes(word)));
  if (order >= 0) {
    const text = (row) => (order === 0 ? String(kinds.indexOf(row[0])).padStart(4, '0') : (row[order] ?? '\\uffff'));
    shown = shown.map((row) => [text(row), row]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
    if (!up) shown.reverse();
  }
  $('count').textContent = shown.length + ' of ' + rows.length;
  $('table').setAttribute('aria-rowcount', shown.length + 1);
  box.scrollTop = 0;
  paint();
};
const open = () => {
  const row = rows.find((one) => one[FINGERPRINT] === location.hash.slice(1));
  if (!row) return;
  $('title').textContent = nameOf(row);
  const list = $('list');
  list.replaceChildren();
  const told = [['kind', row[0]], ['severity', row[1]], ['what', row[7]], ['bus', row[2]], ['module', row[3]], ['pattern', row[4]], ['device', row[5]], ['file', row[6]], ['accepted', row[8]], ...row[10], ['fingerprint', row[FINGERPRINT].replace(/-.*/, '')]];
  for (const [name, text] of told) if (text) { element('dt', name, list); element('dd', text, list); }
  if (!dialog.open) dialog.showModal();
  focus = shown.indexOf(row);
};
dialog.addEventListener('close', () => {
  history.replaceState(null, '', location.pathname + location.search);
  if (focus >= 0) reach(focus);
});
$('close').addEventListener('click', () => dialog.close());
box.addEventListener('scroll', () => requestAnimationFrame(paint));
body.addEventListener('click', (event) => {
  const row = event.target.closest('tr');
  if (row && !getSelection().toString()) location.hash = shown[row.dataset.i][FINGERPRINT];
});
body.addEventListener('focusin', (event) => { focus = Number(event.target.closest('tr').dataset.i); });
body.addEventListener('keydown', (event) => {
  const page = Math.floor(box.clientHeight / height) - 2;
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -shown.length, End: shown.length };
  if (!(event.key in steps)) return;
  event.preventDefault();
  reach(Math.max(0, Math.min(shown.length - 1, focus + steps[event.key])));
});
$('search').addEventListener('input', find);
for (const select of document.querySelectorAll('select')) select.addEventListener('change', find);
for (const head of document.querySelectorAll('#table th'))
  head.firstElementChild.addEventListener('click', () => {
    const column = Number(head.dataset.column);
    up = order === column ? !up : true;
    order = column;
    for (const other of document.querySelectorAll('#table th')) other.setAttribute('aria-sort', other !== head ? 'none' : up ? 'ascending' : 'descending');
    find();
  });
addEventListener('hashchange', open);
addEventListener('resize', paint);
addEventListener('beforeprint', () => { all = true; paint(); });
addEventListener('afterprint', () => { all = false; paint(); });
// After the first frame, so that the summary is there at once.
requestAnimationFrame(() => setTimeout(() => {
  const data = JSON.parse($('rows').textContent);
  ({ kinds, columns, rows } = data);
  for (const row of rows) if (Array.isArray(row[7])) row[7] = data.abouts[row[0]] + row[7][0];
  // No higher than all rows are.
  box.style.maxHeight = (rows.length + 1) * height + 2 + 'px';
  $('results').hidden = false;
  find();
  open();
}));
`;
