import { ModaliasError } from '../errors.ts';
import type { Device } from './device.ts';
import { driverOfModule } from './driver-name.ts';
import type { ResolveContext } from './resolve.ts';
import type { RestoreRequest } from './restore.ts';

/**
 * Where a device without a journal belongs: no override, and the driver of the first module that modules.alias names for its modalias
 * and whose driver's name is known. Null where none is.
 */
export function nativePlacement(context: ResolveContext): (device: Device) => Promise<RestoreRequest | null> {
  return async ({ path, bus, modalias }) => {
    if (bus === null || modalias === null) return null;
    for (const module of await modulesFor(context, modalias)) {
      const { name } = await driverOfModule(context.sysfs, bus, module, context.modules);
      if (name !== null) return { path, to: { driver: name, override: null }, module };
    }
    return null;
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
