import { type LintRule, moduleFile } from '../lint-rule.ts';

const SPI_ALIAS = /^(?:spi|acpi\*?):/;

export const ofOnly: LintRule = {
  severity: 'warning',
  needs: 'code',
  what: 'an spi driver has aliases for the device tree only, while its devices say spi:',
  why: 'The kernel announces a device on an SPI bus as `spi:NAME` even where the device tree describes it, NAME being the compatible without its vendor (drivers/spi/spi.c:spi_uevent). Aliases that begin with `of:` never match, and the module is not loaded. On I2C `of:` is right: its devices have it since 4.18.',
  fix: 'Add an spi_device_id table with the compatibles without their vendors, MODULE_DEVICE_TABLE(spi, ..), and name it as id_table of the driver.',
  fires: moduleFile(
    { imports: ['__spi_register_driver'], aliases: ['of:N*T*Cacme,sensor', 'of:N*T*Cacme,sensorC*'] },
    'static const struct of_device_id acme_of[] = { { .compatible = "acme,sensor" }, { } };',
    'MODULE_DEVICE_TABLE(of, acme_of);',
    'module_spi_driver(acme_driver);',
  ),
  silent: moduleFile(
    { imports: ['__spi_register_driver'], aliases: ['of:N*T*Cacme,sensor', 'of:N*T*Cacme,sensorC*', 'spi:sensor'] },
    'MODULE_DEVICE_TABLE(of, acme_of);',
    'static const struct spi_device_id acme_spi[] = { { "sensor" }, { } };',
    'MODULE_DEVICE_TABLE(spi, acme_spi);',
    'module_spi_driver(acme_driver);',
  ),
  *module(module) {
    const spi = module.drivers?.find(({ bus }) => bus.name === 'spi');
    if (!spi || module.texts.some((text) => SPI_ALIAS.test(text))) return;
    const of = module.aliases.filter(({ alias }) => alias.startsWith('of:') && alias.includes('C'));
    if (of[0])
      yield {
        alias: of[0],
        message: `registers an spi driver (${spi.by}) but has 'of:' aliases only, while its devices say ${listed(of.map(({ alias }) => nameOf(alias)))}: they do not load it`,
      };
  },
};

/** Most names that are written out. */
const MOST_NAMES = 5;

/** Names of SPI devices as they say them, each once. */
function listed(names: readonly string[]): string {
  const all = [...new Set(names)].map((name) => `'spi:${name}'`);
  const more = all.length - MOST_NAMES;
  return all.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` (and ${more} more)` : '');
}

/** The name that an SPI device gets of its compatible: what follows the vendor. drivers/of/base.c. */
function nameOf(alias: string): string {
  const compatible = alias.slice(alias.indexOf('C') + 1).replace(/C\*$/, '');
  return compatible.slice(compatible.indexOf(',') + 1);
}
