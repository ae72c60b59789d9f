import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agents } from '../../agents/index.ts'
import { offlineModel } from '../../local/offline-model.ts'
import { start } from '../../packages/local-cloud/test/bedrock/bedrock-world.ts'
import { createBedrockModel } from '../../sdk/bedrock/bedrock-model.ts'
import { call, jobWith, scripted } from './agent-world.ts'

const folder = new URL('../../examples/', import.meta.url)
const example = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'))

/** Runs an agent as on AWS: Bedrock's client over a socket, here to the offline model. */
async function runOffline<Name extends keyof typeof agents>(name: Name, input: unknown = example(name)) {
  const { client } = await start(offlineModel({ paceMs: 0 }))
  const { job, told } = jobWith(createBedrockModel({ modelId: 'offline', client }))
  const agent = agents[name]
  const output = await agent.run(agent.input.parse(input) as never, job)
  return { output: output as Awaited<ReturnType<(typeof agents)[Name]['run']>>, told }
}

/** Those that come along. Somebody's own agent needs neither an example nor an answer without a model. */
const COME_ALONG = readdirSync(folder).map((file) => file.replace('.json', '') as keyof typeof agents)

test('each agent is registered under its name, and each example is of one', () => {
  for (const [key, agent] of Object.entries(agents)) expect(agent.name).toBe(key)
  expect(COME_ALONG.length).toBeGreaterThanOrEqual(4)
  for (const name of COME_ALONG) expect(Object.keys(agents)).toContain(name)
})

test.each(COME_ALONG)('%s answers its example offline, and says so, the same twice', async (name) => {
  const [first, second] = [await runOffline(name), await runOffline(name)]
  expect(first).toEqual(second)
  expect(first.told.text).toMatch(/^Offline: no language model was asked/)
  expect(JSON.stringify(first.output)).toMatch(/offline: .*no language model was asked/)
  // No repair turn: the first answer passed the agent's own checks.
  expect(first.told.events).toEqual([])
})

test('planDay plans by urgency, around what is busy, and says what found no room', async () => {
  const { output } = await runOffline('planDay')
  expect(output.schedule.map(({ taskId, start, end }) => `${taskId} ${start}-${end}`)).toEqual([
    't4 09:00-09:30',
    't1 09:45-11:15',
    't7 11:15-12:30',
    't7 13:15-14:30',
    't6 14:30-15:00',
    't3 16:00-16:40',
  ])
  expect(output.unscheduled.map(({ taskId }) => taskId)).toEqual(['t2', 't5'])
  expect(output.schedule.map(({ reason }) => reason)).toEqual([
    'It is overdue since 2026-12-01, MEDIUM priority.',
    'It is due on this day, HIGH priority.',
    'It is due on 2026-12-04, HIGH priority, in two parts.',
    'It is due on 2026-12-04, HIGH priority, in two parts.',
    'It has no due date, LOW priority, no estimate given: 30 minutes assumed.',
    'It has no due date, HIGH priority.',
  ])
})

test('recommendTask takes what is due first, then priority', async () => {
  const { output } = await runOffline('recommendTask')
  expect([output.taskId, ...output.alternatives.map(({ taskId }) => taskId)]).toEqual(['t3', 't5', 't1', 't2'])
  expect(output.reason).toContain('overdue since 2026-11-30')
})

test('breakdownProject makes a task of each statement, in an order that can be worked', async () => {
  const { output } = await runOffline('breakdownProject')
  expect(output.phases.map(({ name }) => name)).toEqual([
    'Clarify',
    'Build',
    'Data and connections',
    'Quality',
    'Hand over',
  ])
  const described = output.phases.flatMap(({ tasks }) => tasks.map(({ description }) => description)).join('\n')
  for (const words of ['book a course', 'confirmation by e-mail', 'spreadsheet', '2027-03-31'])
    expect(described).toContain(words)
})

test('analyzeTask finds the signs of trouble, and its subtasks add up', async () => {
  const { output } = await runOffline('analyzeTask')
  expect(output.complexity).toBe('HIGH')
  expect(output.risks.map(({ risk }) => risk).join()).toMatch(/lost or changed.*not ours/s)
  expect(output.subtasks.reduce((sum, { estimateMinutes }) => sum + estimateMinutes, 0)).toBe(960)
  const small = await runOffline('analyzeTask', { task: { id: 'a', title: 'Order pencils', estimateMinutes: 10 } })
  expect(small.output).toMatchObject({ complexity: 'LOW', risks: [], subtasks: [{ estimateMinutes: 10 }] })
})

describe('planDay refuses a plan that', () => {
  const input = {
    date: '2026-12-02',
    workingHours: { start: '09:00', end: '12:00' },
    busy: [{ title: 'Stand-up', start: '10:00', end: '10:15' }],
    tasks: [
      { id: 'a', title: 'A', estimateMinutes: 60 },
      { id: 'b', title: 'B' },
    ],
  }
  const slot = (taskId: string, from: string, end: string) => ({ taskId, title: taskId, start: from, end, reason: '' })
  const plan = (...schedule: object[]) => ({ date: '2026-12-02', schedule, unscheduled: [] as object[], notes: '' })
  const [a, b] = [slot('a', '09:00', '10:00'), slot('b', '10:15', '11:00')]
  test.each<[string, object, RegExp]>([
    ['starts too early', plan(slot('a', '08:30', '09:30'), b), /outside the working hours 09:00 to 12:00/],
    ['ends too late', plan(a, slot('b', '11:30', '12:30')), /outside the working hours/],
    ['ends before it starts', plan(a, slot('b', '11:30', '11:00')), /must start before it ends/],
    ['cuts a task short', plan(slot('a', '09:00', '09:20'), b), /task a takes 60 minutes, its slots have 20/],
    ['overlaps itself', plan(a, slot('b', '09:30', '10:00')), /task a, 09:00 to 10:00, overlaps the slot of task b/],
    ['overlaps a busy time', plan(a, slot('b', '10:10', '11:00')), /overlaps the busy time "Stand-up"/],
    ['invents a task', plan(a, b, slot('c', '11:00', '11:30')), /no task with the id "c"/],
    ['forgets a task', plan(a), /task b is neither in schedule nor in unscheduled/],
    ['counts a task twice', { ...plan(a, b), unscheduled: [{ taskId: 'a', reason: '' }] }, /task a is both/],
    ['is for another day', { ...plan(a, b), date: '2026-12-03' }, /date must be 2026-12-02/],
  ])('%s', async (_name, bad, message) => {
    const { model, asked } = scripted(
      { content: [call('submit_planDay', bad)] },
      { content: [call('submit_planDay', plan(a, b))] },
    )
    const output = await agents.planDay.run(agents.planDay.input.parse(input), jobWith(model).job)
    expect(output.schedule).toHaveLength(2)
    expect(JSON.stringify(asked[1]?.messages[2]).replaceAll('\\"', '"')).toMatch(message)
  })

  test.each<[string, object, string]>([
    [
      'working hours that end before they start',
      { workingHours: { start: '12:00', end: '09:00' } },
      'start must be before end',
    ],
    ['two tasks with one id', { tasks: [input.tasks[0], input.tasks[0]] }, 'an id of its own'],
    ['a date that is none', { date: '2026-02-30' }, 'date'],
    ['a time that is none', { workingHours: { start: '9:00', end: '25:00' } }, 'such as 09:30'],
  ])('its input has %s', (_name, change, message) => {
    expect(agents.planDay.input.safeParse({ ...input, ...change }).error?.message).toContain(message)
  })
})

test('an unknown task in an answer is sent back', async () => {
  const good = { taskId: 't1', reason: 'due' }
  const { model, asked } = scripted(
    { content: [call('submit_recommendTask', { ...good, taskId: 't99' })] },
    { content: [call('submit_recommendTask', good)] },
  )
  const input = agents.recommendTask.input.parse(example('recommendTask'))
  expect(await agents.recommendTask.run(input, jobWith(model).job)).toMatchObject({ taskId: 't1', alternatives: [] })
  expect(JSON.stringify(asked[1]?.messages[2])).toContain('t99')
})
