import { ModaliasError } from '../errors.ts';
import type { Device } from './device.ts';
import { driverOfModule } from './driver-name.ts';
import type { ResolveContext } from './resolve.ts';
import type { RestoreRequest } from './restore.ts';

/**
 * Where a device without a journal belongs: no override, and the driver of a module that modules.alias names for its modalias. The one
 * that it has already, else the first whose name is known; null where none is.
 */
export function nativePlacement(context: ResolveContext): (device: Device) => Promise<RestoreRequest | null> {
  return async ({ path, bus, modalias, driver }) => {
    if (bus === null || modalias === null) return null;
    const natives: { name: string; module: string }[] = [];
    for (const module of await modulesFor(context, modalias)) {
      const { name } = await driverOfModule(context.sysfs, bus, module, context.modules);
      if (name !== null) natives.push({ name, module });
    }
    const native = natives.find(({ name }) => name === driver) ?? natives[0];
    return native ? { path, to: { driver: native.name, override: null }, module: native.module } : null;
  };
}

async function modulesFor(context: ResolveContext, modalias: string): Promise<string[]> {
  try {
    const matches = (await context.aliases()).lookupAll(modalias).flat();
    return [...new Set(matches.map(({ module }) => module))];
  } catch (error) {
    if (error instanceof ModaliasError) return [];
    throw error;
  }
}
