import { expect } from 'vitest'
import { type Answer, echo, IAM, RawClient, type World } from './appsync-world.ts'

const UTILS = "import { util, extensions } from '@aws-appsync/utils'\n"

/** An API whose backend publishes orders through a NONE data source. */
export const publishingApi = {
  schema: `
    type Order @aws_iam @aws_cognito_user_pools {
      id: ID! owner: String status: String version: Int! tags: [String] error: OrderError
    }
    type OrderError @aws_iam @aws_cognito_user_pools { code: String! }
    input OrderInput { id: ID! owner: String status: String version: Int! tags: [String] code: String }
    type Query { nothing: String }
    type Mutation {
      publishOrder(input: OrderInput!): Order @aws_iam
      invalidate(owner: String!): String @aws_iam
    }
    type Subscription {
      onOrder(id: ID, owner: String, status: String): Order @aws_subscribe(mutations: ["publishOrder"])
      onFiltered(filter: AWSJSON): Order @aws_subscribe(mutations: ["publishOrder"])
      onSecret: Order @aws_subscribe(mutations: ["publishOrder"]) @aws_cognito_user_pools(cognito_groups: ["admins"])
    }`,
  resolvers: [
    {
      typeName: 'Mutation',
      fieldName: 'publishOrder',
      dataSourceName: 'None',
      code: `${UTILS}
        export const request = (ctx) => ({ payload: ctx.args.input })
        export const response = (ctx) => {
          const { code, ...order } = ctx.result
          if (order.status === 'ERROR') util.error('failed', 'Failed', order)
          if (order.status === 'NULL') return null
          return { ...order, error: code ? { code } : null }
        }`,
    },
    {
      typeName: 'Mutation',
      fieldName: 'invalidate',
      dataSourceName: 'None',
      code: `${UTILS}
        export const request = () => ({})
        export const response = (ctx) => {
          extensions.invalidateSubscriptions({ subscriptionField: 'onFiltered', payload: { owner: ctx.args.owner } })
          return 'done'
        }`,
    },
    {
      typeName: 'Subscription',
      fieldName: 'onFiltered',
      dataSourceName: 'None',
      code: `${UTILS}
        export const request = () => ({})
        export const response = (ctx) => {
          if (ctx.args.filter.refuse) util.error('not this one', 'Refused')
          extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter(ctx.args.filter))
          extensions.setSubscriptionInvalidationFilter(
            util.transform.toSubscriptionFilter({ owner: { eq: ctx.identity.sub } }),
          )
          return null
        }`,
    },
    { typeName: 'Query', fieldName: 'nothing', dataSourceName: 'None', code: echo('"nothing"') },
  ],
}

export const ORDER = { version: 1 }

const ALL = '{ id owner status version tags error { code } }'

/** Publishes an order as the backend does. */
export function publish(
  world: World,
  order: { id: string; [field: string]: unknown },
  selection = ALL,
): Promise<Answer> {
  // A selection may bring its fragments behind it.
  const [fields, ...fragments] = selection.split(' fragment ')
  const mutation = `mutation ($input: OrderInput!) { publishOrder(input: $input) ${fields} }`
  const document = [mutation, ...fragments].join(' fragment ')
  return world.post(document, { input: { ...ORDER, ...order } }, IAM)
}

export const ON_ORDER = 'subscription ($id: ID, $status: String) { onOrder(id: $id, status: $status) { id status } }'

/** A subscription that is open, with the id 1 on a connection of its own. */
export async function subscribe(world: World, authorization: Record<string, string>, query: string, variables = {}) {
  const client = await RawClient.connect(world, authorization)
  client.start('1', query, variables, authorization)
  expect(await client.next()).toEqual({ type: 'start_ack', id: '1' })
  return client
}
