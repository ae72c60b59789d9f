import type { AgentJob, AgentJobEvent, JobStatus, Schema } from '@agent-jobs/client'
import { generateClient } from 'aws-amplify/data'
import { expectTypeOf, test } from 'vitest'

// The types are what is tested: tsc reads this file, and nothing of it is called.
const newClient = () => generateClient<Schema>()
type Client = ReturnType<typeof newClient>
type Jobs = Client['models']['AgentJob']

test('a create takes what the API takes, and no more', () => {
  const create = (jobs: Jobs) => jobs.create({ queryType: 'planDay', requestData: '{}', priority: 'HIGH', ttl: 1 })
  expectTypeOf(create).returns.resolves.toHaveProperty('data').toMatchTypeOf<Required<AgentJob> | null>()
  const refused = (jobs: Jobs) => [
    // @ts-expect-error: the agent must be named
    jobs.create({ requestData: '{}' }),
    // @ts-expect-error: there is no such priority
    jobs.create({ queryType: 'planDay', requestData: '{}', priority: 'URGENT' }),
    // @ts-expect-error: the state is the backend's
    jobs.create({ queryType: 'planDay', requestData: '{}', status: 'COMPLETE' }),
  ]
  expectTypeOf(refused).toBeFunction()
})

test('jobs are read, listed and watched with their fields', () => {
  const get = (jobs: Jobs) => jobs.get({ id: 'a' })
  type Read = NonNullable<Awaited<ReturnType<typeof get>>['data']>
  expectTypeOf<Read['status']>().toEqualTypeOf<JobStatus>()
  expectTypeOf<Read['version']>().toEqualTypeOf<number>()
  expectTypeOf<Read['resultData']>().toEqualTypeOf<string | null>()
  expectTypeOf<NonNullable<Read['error']>['retryable']>().toEqualTypeOf<boolean>()

  const list = (jobs: Jobs) => jobs.list({ filter: { status: { eq: 'FAILED' }, attempt: { gt: 1 } }, limit: 5 })
  expectTypeOf<Awaited<ReturnType<typeof list>>['data'][number]['id']>().toEqualTypeOf<string>()

  const watch = (jobs: Jobs) => jobs.onUpdate({ filter: { id: { eq: 'a' } } })
  expectTypeOf(watch).returns.toHaveProperty('subscribe')
  const observe = (jobs: Jobs) => jobs.observeQuery()
  expectTypeOf(observe).returns.toHaveProperty('subscribe')

  const some = (jobs: Jobs) => jobs.get({ id: 'a' }, { selectionSet: ['id', 'error.code'] })
  type Some = NonNullable<Awaited<ReturnType<typeof some>>['data']>
  expectTypeOf<Some['id']>().toEqualTypeOf<string>()
  expectTypeOf<keyof Some>().toEqualTypeOf<'id' | 'error'>()
})

test('what the API does not have is not offered', () => {
  expectTypeOf<Jobs>().not.toHaveProperty('update')
  expectTypeOf<Jobs>().not.toHaveProperty('delete')
  expectTypeOf<Client['mutations']>().not.toHaveProperty('publishAgentJob')
})

test('the operations beside the model have arguments and answers', () => {
  type Operations = Pick<Client, 'queries' | 'mutations' | 'subscriptions'>
  const cancel = ({ mutations }: Operations) => mutations.cancelAgentJob({ id: 'a' })
  expectTypeOf<Awaited<ReturnType<typeof cancel>>['data']>().toEqualTypeOf<AgentJob | null>()
  const events = ({ queries }: Operations) => queries.listAgentJobEvents({ jobId: 'a', after: 1 })
  type Page = NonNullable<Awaited<ReturnType<typeof events>>['data']>
  expectTypeOf<Page['items'][number]>().toEqualTypeOf<AgentJobEvent | null>()
  const watch = ({ subscriptions }: Operations) =>
    subscriptions.onAgentJobEvent({ jobId: 'a' }).subscribe((event) => event.seq)
  expectTypeOf(watch).returns.toHaveProperty('unsubscribe')
  // @ts-expect-error: which job?
  const refused = ({ mutations }: Operations) => mutations.cancelAgentJob({})
  expectTypeOf(refused).toBeFunction()
})
