import { matchers } from 'modalias/vitest-4';
import { expect } from 'vitest';

expect.extend(matchers);
