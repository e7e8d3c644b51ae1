export { type Diagnostic, ModaliasError, type Place } from './errors.ts';
