/**
 * How many random inputs a test tries: as many as `npm test` has the time for, or RANDOM_TIMES as many.
 */
export const many = (count: number): number => Math.ceil(count * Number(process.env.RANDOM_TIMES ?? 1));
