/**
 * The forms in which `generateClient<Schema>()` of aws-amplify takes a schema's types. Amplify's own builder would derive
 * them from a schema written once more in its words; written out they say more exactly what the API takes, and need no package.
 */

/** A model: what is read of it, and what a create takes. The API has no update and no delete. */
export interface AmplifyModel<Type, Create> {
  __entityType: 'model'
  type: Type
  createType: Create
  updateType: never
  deleteType: never
  identifier: { id: string }
  nestedTypes: object
  secondaryIndexes: object
  __meta: {
    listOptionsPkParams: unknown
    rawType: never
    flatModel: Plain<Type>
    disabledOperations: { update: true; delete: true }
  }
}

// Amplify looks for paths into what extends Record<string, unknown>, which an interface does not.
type Plain<Type> = Type extends object ? { [Name in keyof Type]: Plain<Type[Name]> } : Type

export interface AmplifyCustomType<Type> {
  __entityType: 'customType'
  type: Type
}

export interface AmplifyEnum<Values extends string> {
  __entityType: 'enum'
  type: Values
}

/** An operation beside those of the model: `client.queries`, `client.mutations`, `client.subscriptions`. */
export interface AmplifyOperation<Root extends 'Query' | 'Mutation' | 'Subscription', Arguments, Type> {
  __entityType: `custom${Root}`
  operationType: Root
  args: Arguments
  type: Type
  returnType: Type
  functionHandler: never
}
