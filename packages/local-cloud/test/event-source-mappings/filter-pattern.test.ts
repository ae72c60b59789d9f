import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../src/event-source-mappings/filter-pattern.ts'

const record = {
  eventName: 'MODIFY',
  dynamodb: { NewImage: { status: { S: 'PENDING' }, title: { S: 'Plan.PNG' }, empty: { S: '' }, nothing: null } },
  body: { count: 5, done: true, tags: ['a', 'b'], items: [{ n: 1 }, { n: 2 }] },
}
const image = (field: string, rules: string) => `{"dynamodb":{"NewImage":{"${field}":{"S":${rules}}}}}`

describe('a filter pattern', () => {
  test.each([
    ['any of the values', image('status', '["RUNNING","PENDING"]')],
    ['the empty string', image('empty', '[""]')],
    ['null', '{"dynamodb":{"NewImage":{"nothing":[null]}}}'],
    ['a number', '{"body":{"count":[5]}}'],
    ['a boolean', '{"body":{"done":[true]}}'],
    ['a prefix', image('status', '[{"prefix":"PEND"}]')],
    ['a suffix', image('title', '[{"suffix":".PNG"}]')],
    ['another case', image('title', '[{"equals-ignore-case":"plan.png"}]')],
    ['anything but', image('status', '[{"anything-but":["RUNNING","COMPLETE"]}]')],
    ['anything but one', image('status', '[{"anything-but":"RUNNING"}]')],
    ['anything but a prefix', image('status', '[{"anything-but":{"prefix":"COMP"}}]')],
    ['a range', '{"body":{"count":[{"numeric":[">",0,"<=",5]}]}}'],
    ['a number that equals', '{"body":{"count":[{"numeric":["=",5.0]}]}}'],
    ['a leaf that exists', image('status', '[{"exists":true}]')],
    ['a leaf that does not', image('error', '[{"exists":false}]')],
    ['one element of a list', '{"body":{"tags":["b"]}}'],
    ['one object of a list', '{"body":{"items":{"n":[2]}}}'],
    ['either of two fields', '{"$or":[{"eventName":["INSERT"]},{"body":{"count":[5]}}]}'],
    ['either of two, below', '{"body":{"$or":[{"count":[1]},{"done":[true]}]},"eventName":["MODIFY"]}'],
    ['nothing in particular', '{}'],
  ])('wants %s', (_, pattern) => {
    expect(compilePattern(pattern)(record)).toBe(true)
  })

  test.each([
    ['another value', image('status', '["RUNNING"]')],
    ['another case', image('status', '["pending"]')],
    ['a number as text', '{"body":{"count":["5"]}}'],
    ['another prefix', image('status', '[{"prefix":"END"}]')],
    ['another suffix', image('title', '[{"suffix":".png"}]')],
    ['what is excluded', image('status', '[{"anything-but":["PENDING"]}]')],
    ['an excluded prefix', image('status', '[{"anything-but":{"prefix":"PEND"}}]')],
    ['anything but, of a field that is not there', image('error', '[{"anything-but":["x"]}]')],
    ['a range that ends before', '{"body":{"count":[{"numeric":[">",0,"<",5]}]}}'],
    ['a numeric range on text', image('status', '[{"numeric":[">",0]}]')],
    ['a leaf that is not there', image('error', '[{"exists":true}]')],
    ['a map, which is no leaf', '{"dynamodb":{"NewImage":{"status":[{"exists":true}]}}}'],
    ['one of two fields that must both hold', '{"eventName":["MODIFY"],"body":{"count":[6]}}'],
    ['neither of two', '{"$or":[{"eventName":["INSERT"]},{"body":{"count":[6]}}]}'],
  ])('does not want %s', (_, pattern) => {
    expect(compilePattern(pattern)(record)).toBe(false)
  })

  test.each([
    ['text that is not JSON', '{', /must be JSON text, got \{/],
    ['a rule it does not know', '{"a":[{"regex":"x"}]}', /a rule of a must be .*exists, got \{"regex":"x"\}/],
    ['a value without an array', '{"a":{"b":"x"}}', /a\.b must be an array of rules or an object, got "x"/],
    ['an empty array', '{"a":[]}', /a must hold at least one rule/],
    ['a half range', '{"a":[{"numeric":[">"]}]}', /a rule of a must be/],
  ])('refuses %s', (_, pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message)
  })
})
