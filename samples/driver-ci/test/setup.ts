import { matchers } from 'modalias/vitest';
import { expect } from 'vitest';

expect.extend(matchers);
