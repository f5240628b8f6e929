/**
 * How long a test may take, in milliseconds. Only a test that hangs reaches it: on a machine with ten times
 * as many programs as processors, what takes seconds alone takes minutes.
 */
export const LONGEST_TEST_MS = 300_000

/** How long a test waits for something, in milliseconds: below its limit, so that it can say for what. */
export const LONGEST_WAIT_MS = 120_000
