import { inspect } from 'node:util'
import type { AgentJob } from '@agent-jobs/client'
import pc from 'picocolors'
import type { JobListener } from './live-jobs.ts'

/** Shows the jobs of a demo while they run, and at the end what they gave. */
export interface Screen extends JobListener {
  begin(jobs: { id: string; queryType: string }[]): void
  results(jobs: AgentJob[]): void
}

const COLOR = {
  PENDING: pc.yellow,
  PROCESSING: pc.cyan,
  COMPLETE: pc.green,
  FAILED: pc.red,
  CANCELLED: pc.dim,
} satisfies Record<AgentJob['status'], (text: string) => string>

/** For programs: a line for each status that the subscriber was pushed. */
export function jsonLines(): Screen {
  return {
    begin: () => {},
    event: () => {},
    results: () => {},
    change(job, before) {
      if (job.status === before?.status) return
      const { id, queryType, status, version, updatedAt, resultData, error } = job
      console.log(
        JSON.stringify({
          id,
          queryType,
          status,
          version,
          updatedAt,
          result: resultData && JSON.parse(resultData),
          error,
        }),
      )
    },
  }
}

/**
 * For people: on a terminal one row a job, redrawn as it changes, with the end of what it says; elsewhere a line for
 * each change.
 */
export function demoScreen(model: string): Screen {
  const rows = new Map<string, { name: string; path: AgentJob['status'][]; text: string }>()
  const redraws = redrawing()
  let drawn = 0

  function draw() {
    if (!redraws) return
    if (drawn > 0) process.stdout.write(`\x1b[${drawn}A`)
    for (const row of rows.values()) process.stdout.write(`\x1b[2K${line(row)}\n`)
    drawn = rows.size
  }

  return {
    begin(jobs) {
      console.log(`${pc.bold('Agent Jobs')} · ${jobs.length} jobs on a local cloud · model: ${model}\n`)
      for (const { id, queryType } of jobs) rows.set(id, { name: queryType, path: [], text: '' })
      draw()
    },
    change(job, before) {
      const row = rows.get(job.id)
      if (!row) return
      if (job.status !== before?.status) {
        row.path.push(job.status)
        if (!redraws) console.log(`${job.queryType.padEnd(18)}${COLOR[job.status](job.status)}`)
      }
      draw()
    },
    event({ jobId, type, data }) {
      const row = rows.get(jobId)
      if (!row || type !== 'TEXT') return
      const { text } = JSON.parse(data) as { text: string }
      row.text += text
      if (!redraws) console.log(`${row.name.padEnd(18)}${pc.dim(oneLine(text))}`)
      draw()
    },
    results(jobs) {
      for (const job of jobs) {
        console.log(`\n${pc.bold(job.queryType)} ${COLOR[job.status](job.status)}`)
        if (job.resultData) console.log(indent(pretty(JSON.parse(job.resultData))))
        if (job.error) console.log(indent(`${job.error.code}: ${job.error.message}\n${job.error.remediation}`))
      }
      const complete = jobs.filter(({ status }) => status === 'COMPLETE').length
      console.log(`\n${complete} of ${jobs.length} jobs COMPLETE. Next: npm start, and a front end of your own.`)
    },
  }
}

function line({ name, path, text }: { name: string; path: AgentJob['status'][]; text: string }): string {
  const states = path.map((status) => COLOR[status](status)).join(pc.dim(' → '))
  const room = (process.stdout.columns ?? 120) - 18 - path.join(' → ').length - 4
  const said = oneLine(text)
  return `${name.padEnd(18)}${states}  ${pc.dim(room > 10 ? said.slice(-room) : '')}`
}

/** A result in as few lines as stay readable; JSON with a line for each value fills several screens. */
function pretty(result: unknown): string {
  const breakLength = Math.min(process.stdout.columns ?? 120, 160) - 2
  return inspect(result, { depth: null, breakLength, compact: 3, colors: redrawing(), maxStringLength: null })
}

const redrawing = () => Boolean(process.stdout.isTTY)
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
const indent = (text: string) => text.replace(/^/gm, '  ')
