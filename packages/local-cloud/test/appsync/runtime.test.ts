import { describe, expect, test } from 'vitest'
import { compileResolver } from '../../src/appsync/resolvers/compile.ts'

/** What `expression` is in a resolver. */
function evaluate(expression: string, context: object = {}): unknown {
  const code = `import * as ddb from '@aws-appsync/utils/dynamodb'
    import { util, extensions, runtime } from '@aws-appsync/utils'
    export const request = (ctx) => (${expression})
    export const response = () => null`
  return compileResolver(code, { now: () => Date.parse('2026-03-04T05:06:07.089Z') }).request(context)
}

describe('util.dynamodb', () => {
  test.each([
    ['toDynamoDB("a")', { S: 'a' }],
    ['toDynamoDB(5)', { N: 5 }],
    ['toDynamoDB(null)', { NULL: null }],
    ['toDynamoDB([1, "a", true])', { L: [{ N: 1 }, { S: 'a' }, { BOOL: true }] }],
    ['toDynamoDB({ a: { b: 1 } })', { M: { a: { M: { b: { N: 1 } } } } }],
    ['toString("a")', { S: 'a' }],
    ['toString(null)', null],
    ['toNumber(5)', { N: 5 }],
    ['toNull()', { NULL: null }],
    ['toStringSet(["a"])', { SS: ['a'] }],
    ['toNumberSet([1, 2.5])', { NS: [1, 2.5] }],
    ['toMapValues({ a: 1, b: null, c: undefined })', { a: { N: 1 }, b: { NULL: null } }],
    ['toMap({ a: 1 })', { M: { a: { N: 1 } } }],
    ['toList([1])', { L: [{ N: 1 }] }],
    ['toS3Object("k", "b", "r")', { S: '{"s3":{"key":"k","bucket":"b","region":"r"}}' }],
  ])('%s', (call, expected) => {
    expect(evaluate(`util.dynamodb.${call}`)).toEqual(expected)
  })
})

// Expressions as AWS renders them.
describe('util.transform.toDynamoDBFilterExpression', () => {
  test.each([
    ['{ v: { eq: "x" } }', '(#v = :v_eq)', { ':v_eq': { S: 'x' } }],
    ['{ v: { ne: 1 } }', '(#v <> :v_ne)', { ':v_ne': { N: 1 } }],
    ['{ v: { contains: "x" } }', '(contains(#v,:v_contains))', { ':v_contains': { S: 'x' } }],
    ['{ v: { notContains: "x" } }', '(NOT contains(#v,:v_notContains))', { ':v_notContains': { S: 'x' } }],
    ['{ v: { beginsWith: "x" } }', '(begins_with(#v,:v_beginsWith))', { ':v_beginsWith': { S: 'x' } }],
    [
      '{ v: { between: ["1", "9"] } }',
      '(#v BETWEEN :v_between_start AND :v_between_end)',
      { ':v_between_start': { S: '1' }, ':v_between_end': { S: '9' } },
    ],
    ['{ v: { in: ["a", "b"] } }', '(#v IN (:v_in_0, :v_in_1))', { ':v_in_0': { S: 'a' }, ':v_in_1': { S: 'b' } }],
    ['{ v: { attributeExists: true } }', '(attribute_exists(#v))', {}],
    ['{ v: { attributeExists: false } }', '(attribute_not_exists(#v))', {}],
    [
      '{ v: { attributeType: "boolean" } }',
      '(attribute_type(#v,:v_attributeType))',
      { ':v_attributeType': { S: 'BOOL' } },
    ],
    ['{ v: { size: { gt: 3 } } }', '(size(#v) > :v_size_gt)', { ':v_size_gt': { N: 3 } }],
    ['{ v: { ge: 1, le: 5 } }', '((#v >= :v_ge) AND (#v <= :v_le))', { ':v_ge': { N: 1 }, ':v_le': { N: 5 } }],
    [
      '{ id: { attributeExists: true }, version: { eq: 1 } }',
      '(attribute_exists(#id)) AND (#version = :version_eq)',
      { ':version_eq': { N: 1 } },
    ],
    [
      '{ and: [{ or: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }, { c: { eq: 3 } }] }',
      '(((#a = :and_0_or_0_a_eq) OR (#b = :and_0_or_1_b_eq)) AND (#c = :and_1_c_eq))',
      { ':and_0_or_0_a_eq': { N: 1 }, ':and_0_or_1_b_eq': { N: 2 }, ':and_1_c_eq': { N: 3 } },
    ],
    ['{ and: [{ a: { eq: 1 } }] }', '(#a = :and_0_a_eq)', { ':and_0_a_eq': { N: 1 } }],
    ['{ not: { a: { eq: 1 } } }', '(NOT (#a = :not_a_eq))', { ':not_a_eq': { N: 1 } }],
    ['{}', '', {}],
  ])('%s', (filter, expression, expressionValues) => {
    const text = evaluate(`util.transform.toDynamoDBFilterExpression(${filter})`) as string
    expect(JSON.parse(text)).toMatchObject({ expression, expressionValues })
    const condition = evaluate(`util.transform.toDynamoDBConditionExpression(${filter})`) as string
    expect(JSON.parse(condition)).toEqual(JSON.parse(text))
  })

  test.each([
    '',
    'null',
    '[]',
    '"text"',
    '{ v: { foo: 1 } }',
    '{ a: { b: { eq: 1 } } }',
    '{ and: { a: { eq: 1 } } }',
    '{ v: { between: [1] } }',
  ])('%s has no form and gives null', (filter) => {
    expect(evaluate(`util.transform.toDynamoDBFilterExpression(${filter})`)).toBeNull()
  })
})

const field = (fieldName: string, operator: string, value: unknown) => ({ fieldName, operator, value })

// Groups as AWS writes them.
describe('util.transform.toSubscriptionFilter', () => {
  const a = field('a', 'eq', 1)
  const b = field('b', 'eq', 2)
  test.each([
    ['{ a: { eq: 1 } }', [[a]]],
    ['{ a: { eq: 1 }, b: { eq: 2 } }', [[a, b]]],
    ['{ a: { eq: 1, ne: 2 } }', [[a], [field('a', 'ne', 2)]]],
    ['{ or: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }', [[a], [b]]],
    ['{ and: [{ a: { eq: 1 } }, { b: { eq: 2 } }] }', [[a, b]]],
    [
      '{ and: [{ a: { eq: 1 } }, { or: [{ b: { eq: 2 } }, { c: { eq: 3 } }] }] }',
      [
        [a, b],
        [a, field('c', 'eq', 3)],
      ],
    ],
    ['{ or: [{ b: { eq: 2 } }], a: { eq: 1 } }', [[a, b]]],
    ['{ "p.q": { eq: 1 } }', [[field('p.q', 'eq', 1)]]],
    ['{ not: { a: { eq: 1 } } }', [[field('not', 'a', { eq: 1 })]]],
    ['{ a: { eq: 1 }, and: [{ b: { eq: 2 } }] }, ["b"]', [[a]]],
    [
      '{ a: { eq: 1 } }, [], { r1: { ge: 250 }, r2: { eq: "p" } }',
      [
        [a, field('r1', 'ge', 250)],
        [a, field('r2', 'eq', 'p')],
      ],
    ],
    ['{}, [], { r1: { eq: 1 } }', [[field('r1', 'eq', 1)]]],
    ['{}', []],
    ['{ a: {} }', []],
    ['{ and: [] }', []],
  ])('%s', (input, groups) => {
    expect(evaluate(`util.transform.toSubscriptionFilter(${input})`)).toEqual({
      filterGroup: groups.map((filters) => ({ filters })),
    })
  })

  test.each(['null', '', '[]', `'{"a":{"eq":1}}'`])('%s gives null', (input) => {
    expect(evaluate(`util.transform.toSubscriptionFilter(${input})`)).toBeNull()
  })
})

describe('@aws-appsync/utils/dynamodb', () => {
  const key = { id: { S: '1' } }
  test.each([
    ['get({ key: { id: "1" }, consistentRead: true })', { operation: 'GetItem', key, consistentRead: true }],
    ['get({ key: { id: "1" }, consistentRead: null })', { operation: 'GetItem', key }],
    [
      'get({ key: { id: "1" }, projection: ["a", "b.a"] })',
      {
        operation: 'GetItem',
        key,
        projection: {
          expression: '#expName_1, #expName_2.#expName_1',
          expressionNames: { '#expName_1': 'a', '#expName_2': 'b' },
        },
      },
    ],
    [
      'put({ key: { id: "1" }, item: { n: 1, tags: ddb.toStringSet(["x"]) }, condition: { id: { attributeExists: false } } })',
      {
        operation: 'PutItem',
        key,
        attributeValues: { n: { N: 1 }, tags: { SS: ['x'] } },
        condition: { expression: '(attribute_not_exists(#id))', expressionNames: { '#id': 'id' } },
      },
    ],
    ['remove({ key: { id: "1" } })', { operation: 'DeleteItem', key }],
    [
      'query({ query: { owner: { eq: "a" } }, index: "byOwner", limit: 5, nextToken: null, scanIndexForward: false })',
      {
        operation: 'Query',
        query: {
          expression: '(#owner = :owner_eq)',
          expressionNames: { '#owner': 'owner' },
          expressionValues: { ':owner_eq': { S: 'a' } },
        },
        index: 'byOwner',
        limit: 5,
        scanIndexForward: false,
      },
    ],
    ['scan({ limit: 5 })', { operation: 'Scan', limit: 5 }],
    ['sync({ lastSync: 5 })', { operation: 'Sync', lastSync: 5 }],
    [
      'batchGet({ tables: { t: { keys: [{ id: "1" }] } } })',
      { operation: 'BatchGetItem', tables: { t: { keys: [key] } } },
    ],
    ['batchPut({ tables: { t: [{ id: "1" }] } })', { operation: 'BatchPutItem', tables: { t: [key] } }],
    ['batchDelete({ tables: { t: [{ id: "1" }] } })', { operation: 'BatchDeleteItem', tables: { t: [key] } }],
    [
      'transactGet({ items: [{ table: "t", key: { id: "1" } }] })',
      { operation: 'TransactGetItems', transactItems: [{ table: 't', key }] },
    ],
    [
      'transactWrite({ items: [{ putItem: { table: "t", key: { id: "1" }, item: { a: 1 } } }, { conditionCheck: { table: "t", key: { id: "1" }, condition: { a: { attributeExists: true } } } }] })',
      {
        operation: 'TransactWriteItems',
        transactItems: [
          { table: 't', operation: 'PutItem', key, attributeValues: { a: { N: 1 } } },
          {
            table: 't',
            operation: 'ConditionCheck',
            key,
            condition: { expression: '(attribute_exists(#a))', expressionNames: { '#a': 'a' } },
          },
        ],
      },
    ],
  ])('%s', (call, expected) => {
    expect(evaluate(`ddb.${call}`)).toEqual(expected)
  })

  test.each([
    [
      '{ a: 5, b: ddb.operations.remove(), c: ddb.operations.increment(2) }',
      'SET #expName_1 = :expValue_1, #expName_2 = #expName_2 + :expValue_2 REMOVE #expName_3',
      [5, 2],
    ],
    ['{ a: ddb.operations.add("x") }', 'SET #expName_1 = :expValue_1', ['x']],
    ['{ a: ddb.operations.decrement() }', 'SET #expName_1 = #expName_1 - :expValue_1', [1]],
    ['{ a: ddb.operations.updateListItem("x", 3) }', 'SET #expName_1[3] = :expValue_1', ['x']],
    ['{ a: null }', 'SET #expName_1 = :expValue_1', [null]],
    ['{ a: ddb.operations.remove() }', 'REMOVE #expName_1', []],
  ])('update %s', (update, expression, values) => {
    const tag = (value: unknown) =>
      value === null ? { NULL: null } : typeof value === 'number' ? { N: value } : { S: value }
    const bound = Object.fromEntries(values.map((value, index) => [`:expValue_${index + 1}`, tag(value)]))
    expect(evaluate(`ddb.update({ key: { id: "1" }, update: ${update} })`)).toMatchObject({
      operation: 'UpdateItem',
      key,
      update: { expression, ...(values.length > 0 ? { expressionValues: bound } : {}) },
    })
  })

  test('append and prepend', () => {
    const list = (call: string) =>
      evaluate(`ddb.update({ key: { id: "1" }, update: { a: ddb.operations.${call}([1]) } })`)
    const values = { ':expValue_1': { L: [{ N: 1 }] } }
    expect(list('append')).toMatchObject({
      update: { expression: 'SET #expName_1 = list_append(#expName_1, :expValue_1)', expressionValues: values },
    })
    expect(list('prepend')).toMatchObject({
      update: { expression: 'SET #expName_1 = list_append(:expValue_1, #expName_1)', expressionValues: values },
    })
  })
})
