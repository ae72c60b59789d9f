import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

interface Row {
  id: string
  status: string
  attempt: number
  error?: { code: string; message: string; remediation: string; retryable: boolean }
}

test('what an agent does beside its promise ends its own run, in its own words, and none beside it', {
  timeout: 60_000,
}, async () => {
  const { code, lines } = await runHost()
  const rows: Row[] = JSON.parse(lines[0] as string)
  const ends = Object.fromEntries(
    rows.map(({ id, status, error }) => [id, error ? `${error.code}: ${error.message}` : status]),
  )
  expect(ends).toEqual({
    forgetsAwait: 'AGENT_ERROR: Agent forgetsAwait left a promise without a catch: no such folder',
    rejectsWithNothing: 'AGENT_ERROR: Agent rejectsWithNothing left a promise without a catch: undefined',
    rejectsWithNoText:
      'AGENT_ERROR: Agent rejectsWithNoText left a promise without a catch: something that cannot be shown as text',
    throwsInTimer:
      'AGENT_ERROR: Agent throwsInTimer threw outside of its promise, in a timer or a callback: in a timer',
    throwsInListener:
      'AGENT_ERROR: Agent throwsInListener threw outside of its promise, in a timer or a callback: nobody listens',
    exits: 'AGENT_EXITED: Agent exits called process.exit(0)',
    exitsInTimer: 'AGENT_EXITED: Agent exitsInTimer called process.exit(1)',
    aborts: 'AGENT_EXITED: Agent aborts called process.abort()',
    kills: `AGENT_EXITED: Agent kills called process.kill(${rows.find(({ id }) => id === 'kills')?.error?.message.match(/\d+/)}, SIGKILL)`,
    emptiesEnvironment: expect.stringMatching(/^AGENT_ERROR: .*process\.env\.\w+ belongs to the worker/),
    replacesEnvironment: expect.stringMatching(/^AGENT_ERROR: .*may not replace it/),
    extendsObjects: expect.stringMatching(/^AGENT_ERROR: .*not extensible/),
    replacesJson: expect.stringMatching(/^AGENT_ERROR: .*read only/),
    replacesTimers: 'AGENT_ERROR: Agent replacesTimers failed: timers are gone',
    exitsAndCatches: 'AGENT_EXITED: Agent exitsAndCatches called process.exit(3)',
    innocent: 'COMPLETE',
    afterwards: 'COMPLETE',
  })
  for (const { attempt, error } of rows)
    expect({ attempt, again: error?.retryable ?? false }).toEqual({ attempt: 1, again: false })
  expect({ code, lines: lines.length }).toEqual({ code: 1, lines: 1 })
})

/** The host ends by a fault of its own at the end. */
function runHost(): Promise<{ code: unknown; lines: string[] }> {
  const file = join(import.meta.dirname, 'agent-faults-host.ts')
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=source', file], (error, stdout) => {
      resolve({ code: error?.code, lines: stdout.trim().split('\n') })
    })
  })
}
