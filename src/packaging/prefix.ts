/** What stands before the first colon of an alias; all of it where there is none. */
export function prefixOf(alias: string): string {
  const colon = alias.indexOf(':');
  return colon === -1 ? alias : alias.slice(0, colon);
}
