import { expect, test } from 'vitest';
import { NoteBook } from '../../src/packaging/notes.ts';

/** A book with one note for each example, of one rule, and one without an example. */
function book(all?: boolean): NoteBook {
  const notes = new NoteBook(all);
  for (const example of ['a', 'b', 'b', 'c', 'd', 'e']) notes.add('list-elsewhere', `about ${example}`, example);
  notes.add('list-elsewhere', 'about nothing');
  return notes;
}

test('NoteBook counts the notes of a rule, and keeps the first message and three different examples', () => {
  expect(book().notes()).toEqual([{ rule: 'list-elsewhere', count: 7, message: 'about a', examples: ['a', 'b', 'c'] }]);
});

test('NoteBook keeps every example where all are asked for', () => {
  expect(book(true).notes()[0]!.examples).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('NoteBook keeps diagnostics under their codes, in the order of the first of each, with module or file and table', () => {
  const notes = new NoteBook();
  notes.diagnostics([
    { code: 'unreadable', severity: 'warning', message: 'one', module: 'm', file: 'f', table: 't' },
    { code: 'no-aliases', severity: 'warning', message: 'two', file: 'f' },
    { code: 'unreadable', severity: 'warning', message: 'three' },
  ]);
  expect(notes.notes()).toEqual([
    { rule: 'unreadable', count: 2, message: 'one', examples: ['m t'] },
    { rule: 'no-aliases', count: 1, message: 'two', examples: ['f'] },
  ]);
});
