import { history } from '../release.ts';

/**
 * How MODULE_DEVICE_TABLE names the symbol by which modpost finds a table, by release (include/linux/module.h). Rust's macro puts
 * the line's number before the module (`__mod_device_table__24__kmod_qt2025__mdio__TABLE`, rust/kernel/device_id.rs).
 */
export const tableSymbols = history({
  '5.10': /^__mod_(?<bus>.+?)__(?<table>.+)_device_table$/s,
  '6.13': /^__mod_device_table__(?<bus>.+?)__(?<table>.+)$/s,
  '6.18': /^__mod_device_table__(?:.*?__)??kmod_(?<module>.+?)__(?<bus>.+?)__(?<table>.+)$/s,
});
