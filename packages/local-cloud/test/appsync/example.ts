import { echo } from './appsync-world.ts'

/** A small API with one of everything. */
export const schema = `
  enum Status { PENDING DONE }
  type Order @aws_iam @aws_cognito_user_pools {
    id: ID! status: Status at: AWSDateTime since: AWSTimestamp data: AWSJSON count: Int parent: Order
    secret: String @aws_cognito_user_pools(cognito_groups: ["admins"])
  }
  type Internal { id: ID! }
  input OrderInput { id: ID! status: Status title: String }
  type Query {
    order(id: ID!): Order
    orders: [Order!]!
    admins: String @aws_cognito_user_pools(cognito_groups: ["admins"])
    written(at: AWSDateTime, since: AWSTimestamp, data: AWSJSON, email: AWSEmail, url: AWSURL, ip: AWSIPAddress, date: AWSDate, time: AWSTime): String
    who: String
    broken: Order
  }
  type Mutation { backend(input: OrderInput!): Order @aws_iam  createOrder(input: OrderInput!): Order  internal: Internal @aws_iam }
  type Subscription { onOrder: Order @aws_subscribe(mutations: ["backend"]) }`

export const resolver = (field: string, payload: string) => {
  const [typeName = '', fieldName = ''] = field.split('.')
  return { typeName, fieldName, dataSourceName: 'None', code: echo(payload) }
}

export const api = {
  schema,
  queryDepthLimit: 4,
  resolverCountLimit: 3,
  resolvers: [
    resolver(
      'Query.order',
      '{ id: ctx.args.id, status: "DONE", at: "2026-01-02T03:04:05Z", data: { a: [1] }, count: 1, secret: "s", parent: { id: "p", parent: { id: "pp", parent: { id: "ppp" } } } }',
    ),
    resolver('Query.orders', '[{ id: "1" }, { count: 2 }]'),
    resolver('Query.admins', '"only admins"'),
    resolver('Query.written', 'JSON.stringify(ctx.args)'),
    resolver('Query.who', 'JSON.stringify({ identity: ctx.identity, headers: ctx.request.headers })'),
    resolver('Query.broken', '{ id: "1", status: "NEW", count: "many", at: "yesterday" }'),
    resolver('Mutation.backend', 'ctx.args.input'),
    resolver('Mutation.createOrder', 'ctx.args.input'),
    resolver('Mutation.internal', '{ id: "1" }'),
  ],
}
