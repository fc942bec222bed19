const BASE_MS = 1_000;
const CAP_MS = 30_000;

/**
 * The wait before attempt number `attempt` (from 0): anywhere between nothing and a ceiling that
 * doubles up to 30 s. Full jitter spreads the clients of a server that restarted evenly.
 */
export function fullJitterMs(attempt, random) {
    return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 10)));
}
