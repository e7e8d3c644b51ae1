import { expect } from '@jest/globals';
import { matchers } from 'modalias/jest';

expect.extend(matchers);
