import type { Files } from '../files/files.ts';
import type { StageModules } from '../modules/stage-modules.ts';

/** What a maker puts into a new image. */
export interface NewContent {
  readonly put: (path: string, text: string, label: string) => void;
  /** Adds a module with what it needs and its softdeps. */
  readonly module: (name: string) => void;
}

/** What makes an image has of the system. */
export interface System {
  readonly root: Files;
  readonly image: Files;
  readonly modules: StageModules;
}
