import { expect, test } from 'vitest'
import { echo, IAM, RawClient, startApi } from './appsync-world.ts'

const schema = `
  type Job @aws_iam @aws_cognito_user_pools { id: ID! owner: String status: String version: Int! error: JobError }
  type JobError @aws_iam @aws_cognito_user_pools { code: String! }
  input JobInput { id: ID! owner: String status: String version: Int! code: String }
  type Query { nothing: String }
  type Mutation { publishJob(input: JobInput!): Job @aws_iam }
  type Subscription {
    onJob(id: ID, owner: String, status: String): Job @aws_subscribe(mutations: ["publishJob"])
  }`

const api = {
  schema,
  resolvers: [
    {
      typeName: 'Mutation',
      fieldName: 'publishJob',
      dataSourceName: 'None',
      code: echo('{ ...ctx.args.input, error: ctx.args.input.code ? { code: ctx.args.input.code } : null }'),
    },
  ],
}

const PUBLISH = 'mutation ($input: JobInput!) { publishJob(input: $input) { id owner status version error { code } } }'

test('a mutation is pushed to the subscriber whose arguments it matches', async () => {
  await using world = await startApi(api)
  const authorization = { Authorization: await world.token('alice') }
  const client = await RawClient.connect(world, authorization)
  client.start('1', 'subscription ($id: ID) { onJob(id: $id) { id status } }', { id: 'a' }, authorization)
  expect(await client.next()).toEqual({ type: 'start_ack', id: '1' })
  await world.post(PUBLISH, { input: { id: 'b', version: 1 } }, { authorization: IAM })
  await world.post(PUBLISH, { input: { id: 'a', version: 1, status: 'PENDING' } }, { authorization: IAM })
  expect(await client.next()).toEqual({
    type: 'data',
    id: '1',
    payload: { data: { onJob: { id: 'a', status: 'PENDING' } } },
  })
})
