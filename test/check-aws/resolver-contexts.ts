import planDay from '../../examples/planDay.json' with { type: 'json' }

/** What one code is evaluated with: the context of its request, and what its response finds in it besides. */
export interface Sample {
  request: Record<string, unknown>
  response: Record<string, unknown>
}

const row = {
  id: 'job-1',
  uid: 'run-1',
  owner: 'alice',
  queryType: 'planDay',
  status: 'PENDING',
  requestData: JSON.stringify(planDay),
  priority: 'NORMAL',
  attempt: 0,
  claims: 0,
  version: 1,
  createdAt: '2026-03-01T12:00:00.000Z',
  updatedAt: '2026-03-01T12:00:00.000Z',
}
const alice = { identity: { sub: 'alice', username: 'alice', groups: null, claims: {}, issuer: 'i', sourceIp: [] } }
const backend = {
  identity: { accountId: '1', userArn: 'arn:aws:sts::1:assumed-role/backend/x', username: 'backend', sourceIp: [] },
}
const event = { jobId: row.id, uid: row.uid, owner: row.owner, seq: 1_000_001, type: 'TEXT', data: '{"text":"a"}' }
const key = { items: [{ id: row.id }], nextToken: null }
const byId = { ...alice, args: { id: row.id } }
const ofCreate = {
  ...alice,
  args: { input: { id: row.id, queryType: row.queryType, requestData: row.requestData, sessionId: 's' } },
}
const ofEvents = { ...alice, args: { jobId: row.id } }
const ofList = { ...alice, args: { limit: 10, filter: { status: { eq: 'PENDING' } } } }

/** By `<Type>.<field>`, and `<Type>.<field>.<step>` for the steps of a pipeline. */
export const SAMPLES: Record<string, Sample> = {
  'Mutation.createAgentJob': sample(ofCreate, { prev: { result: row } }),
  'Mutation.createAgentJob.countOpen': sample(ofCreate, { result: key }),
  'Mutation.createAgentJob.countRecent': sample(ofCreate, { result: key }),
  'Mutation.createAgentJob.putJob': sample(ofCreate, { result: row }),
  'Mutation.createAgentJob.takeTurn': sample(
    { ...ofCreate, stash: { sessionKey: 'alice#s' }, prev: { result: row } },
    { result: { sessionKey: 'alice#s', turns: [row.id] } },
  ),
  'Mutation.cancelAgentJob': sample(byId, { result: { ...row, status: 'CANCELLED' } }),
  'Mutation.retryAgentJob': sample(byId, { prev: { result: row } }),
  'Mutation.retryAgentJob.countOpen': sample(byId, { result: key }),
  'Mutation.retryAgentJob.updateJob': sample(byId, { result: row }),
  'Mutation.publishAgentJob': sample({ ...backend, args: { input: row } }, { result: row }),
  'Mutation.publishDeletedAgentJob': sample({ ...backend, args: { input: row } }, { result: row }),
  'Mutation.appendAgentJobEvent': sample({ ...backend, args: { input: event } }, { result: event }),
  'Query.getAgentJob': sample(byId, { prev: { result: row } }),
  'Query.getAgentJob.readRow': sample(byId, { result: row }),
  'Query.getAgentJob.fetchResult': sample(
    { ...byId, stash: { resultKey: 'results/job-1/run-1/1.json' }, prev: { result: row } },
    { result: { statusCode: 200, body: '{}', headers: { 'Content-Range': 'bytes 0-1/2' } } },
  ),
  'Query.listAgentJobs': sample(ofList, { prev: { result: { items: [row], nextToken: null } } }),
  'Query.listAgentJobs.queryOwner': sample(ofList, { result: key }),
  'Query.listAgentJobs.readJobs': sample({ ...ofList, prev: { result: key } }, { result: { data: { jobs: [row] } } }),
  'Query.listAgentJobEvents': sample(ofEvents, { prev: { result: { items: [event], nextToken: null } } }),
  'Query.listAgentJobEvents.checkOwner': sample(ofEvents, { result: row }),
  'Query.listAgentJobEvents.queryEvents': sample(
    { ...ofEvents, prev: { result: row } },
    { result: { items: [event], nextToken: null } },
  ),
  'Subscription.onAgentJobEvent': sample(ofEvents, { result: null }),
  'Subscription.onCreateAgentJob': sample({ ...alice, args: {} }, { result: null }),
  'Subscription.onUpdateAgentJob': sample(
    { ...alice, args: { filter: { status: { eq: 'PENDING' } } } },
    { result: null },
  ),
  'Subscription.onDeleteAgentJob': sample({ ...alice, args: {} }, { result: null }),
}

function sample(request: Record<string, unknown>, response: Record<string, unknown>): Sample {
  const OWNER_LIMITS = JSON.stringify({ openJobs: 1000, jobsPerMinute: 300, highPriority: null })
  const env = { AGENT_JOB_TABLE: 'jobs', RESULT_TTL_SECONDS: '604800', OWNER_LIMITS }
  const context = { stash: {}, env, ...request }
  return { request: context, response: { ...context, ...response } }
}
