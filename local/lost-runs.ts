import { type Cloud, describeLoss, type InvocationLost } from '@agent-jobs/local-cloud'

type Code = 'AGENT_UNRESPONSIVE' | 'OUT_OF_MEMORY' | 'AGENT_EXITED' | 'AGENT_ERROR'

const CODES: Record<InvocationLost['reason']['kind'], Code> = {
  unresponsive: 'AGENT_UNRESPONSIVE',
  memory: 'OUT_OF_MEMORY',
  exit: 'AGENT_EXITED',
  crash: 'AGENT_ERROR',
}

/** Has the jobs of an invocation whose thread ended move at once, and says so; the sweep would find them when their leases are over. */
export async function endLostRuns({ lambda }: Cloud, lost: InvocationLost, say: (line: string) => void): Promise<void> {
  const { alone, environment, event, reason } = lost
  const table = environment.JOB_TABLE
  if (table === undefined) return
  const said = describeLoss(reason)
  const sweeps = lambda.functionNames().filter((name) => name.includes('SweepOverdue'))
  for (const jobId of jobIdsOf(event)) {
    const lostRun = { table, jobId, reason: said, code: CODES[reason.kind], alone }
    const what = alone ? `its worker ${said}` : `its worker, or another's beside it, ${said}: it runs again, alone`
    say(`job ${jobId}: ${what}`)
    // Each set of agent jobs has its own sweep, which knows its table.
    await Promise.all(sweeps.map((name) => lambda.invoke(name, { lostRun })))
  }
}

/** The jobs that a batch of messages names. */
function jobIdsOf(event: unknown): string[] {
  const { Records = [] } = event as { Records?: { body?: string }[] }
  return Records.flatMap(({ body }) => {
    const { id } = JSON.parse(body ?? '{}') as { id?: unknown }
    return typeof id === 'string' ? [id] : []
  })
}
