import { history } from '../release-history.ts';

/**
 * The spelling of the symbol by which modpost finds a table, by release (include/linux/module.h: MODULE_DEVICE_TABLE,
 * file2alias.c:handle_moddevtable). Rust's device_table! puts a line number before `kmod_`.
 */
export const tableSymbols = history({
  '5.10': /^__mod_(?<bus>.+?)__(?<table>.*)_device_table$/s,
  '6.13': /^__mod_device_table__(?<bus>.+?)__(?<table>.*)$/s,
  '6.18': /^(?=__mod_device_table__).*?__kmod_(?<module>.+?)__(?<bus>.+?)__(?<table>.*)$/s,
});
