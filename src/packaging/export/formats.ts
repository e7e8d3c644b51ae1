import { appstream } from './appstream.ts';
import type { ExportFormat } from './export.ts';
import { initramfs } from './initramfs.ts';
import { rpmSuse } from './rpm-suse.ts';

/** Every format by its name. */
export const EXPORT_FORMATS: Readonly<Record<string, ExportFormat>> = {
  appstream,
  'rpm-suse': rpmSuse,
  initramfs,
};
