/** Only these buses have override_only. */
const OVERRIDE = /^([a-z0-9]+_(pci|cdx)):(.*)$/s;

const UNDERSCORE = 0x5f;

/**
 * For an alias that only driver_override reaches, what stands before its colon (`vfio_pci`) and the plain alias of the
 * same devices; undefined for any other.
 */
export function overrideOf(alias: string): { readonly prefix: string; readonly plain: string } | undefined {
  // Nearly no alias has one, and this tells sooner.
  if (alias.charCodeAt(alias.indexOf(':') - 4) !== UNDERSCORE) return undefined;
  const [, prefix, bus, rest] = OVERRIDE.exec(alias) ?? [];
  return prefix === undefined ? undefined : { prefix, plain: `${bus}:${rest}` };
}

/** What stands before the first colon of an alias; all of it where there is none. */
export function prefixOf(alias: string): string {
  const colon = alias.indexOf(':');
  return colon === -1 ? alias : alias.slice(0, colon);
}
