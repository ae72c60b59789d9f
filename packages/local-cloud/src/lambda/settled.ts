/** Rounds of the event loop without anything to do; what was sent over the loopback meanwhile has come in by then. */
const QUIET_TURNS = 3

/** Resolves when this thread waits for nothing but timers and answers from other threads and machines. */
export async function settled(): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet = isWaiting() ? 0 : quiet + 1) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Whether a file is being read, a name looked up or a connection made: Node counts these as requests (FSReqCallback …). */
function isWaiting(): boolean {
  return process.getActiveResourcesInfo().some((name) => /Req|ConnectWrap|WriteWrap|REQUEST/.test(name))
}
