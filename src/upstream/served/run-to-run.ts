/** Log-probabilities of one prefix may differ this much between two runs of the same model, in nats. */
export const RUN_TO_RUN_NATS = 0.5
