import { expect, test } from 'vitest'
import { ADMIN, ALICE, BACKEND, errorOf, FEDERATED, files, GUEST, resolver } from './bundled-resolver.ts'

// Who signs with IAM is the backend or nobody; the schema alone says it (@aws_iam), and so does each resolver.

const input = { id: 'a', jobId: 'a', uid: 'u', seq: 1, queryType: 'x', status: 'PENDING', type: 'TEXT', data: '{}' }
const BACKENDS = ['publishAgentJob', 'publishDeletedAgentJob', 'appendAgentJobEvent'].map((name) => `Mutation.${name}`)

test.each(BACKENDS)('%s is for a role of the backend', (name) => {
  const call = (identity: object) => resolver(name, { args: { input }, identity }).request
  expect(call(BACKEND)()).toBeTruthy()
  for (const identity of [GUEST, FEDERATED, { ...GUEST, cognitoIdentityId: null }, ALICE, ADMIN]) {
    expect(errorOf(call(identity)).errorType).toBe('Unauthorized')
  }
})

const first = files.filter((file) => !BACKENDS.some((name) => file.startsWith(name))).map((file) => file.slice(0, -3))
/** A resolver alone, or the first step of a pipeline: those behind it run when it has let the caller through. */
const asking = first.filter((name) =>
  /\.\d\./.test(name) ? name.includes('.1.') : !files.some((file) => file.startsWith(`${name}.1.`)),
)

test.each(asking)('%s is for tokens of the user pool', (name) => {
  const args = { id: 'a', jobId: 'a', input: { queryType: 'planDay', requestData: '{}' } }
  for (const identity of [BACKEND, GUEST, FEDERATED, {}]) {
    const call = resolver(name, { args, identity, result: { id: 'a', owner: 'alice' } })
    const refused = errorOf(() => {
      call.request()
      call.response()
    })
    expect(refused.errorType).toBe('Unauthorized')
  }
})
