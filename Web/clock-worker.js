// The worker's half of clock.js: answers each `{id, delayMs}` with the id when the time has come.
self.onmessage = ({ data: { id, delayMs } }) => {
    setTimeout(() => self.postMessage(id), delayMs);
};
