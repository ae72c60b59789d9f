/**
 * The partition of the event table that holds what one row's runs have said and where they stood. An id alone would not do:
 * the row goes, and somebody else may take its id. The API's resolvers read this too: it is in AppSync's JavaScript.
 */
export function jobKey(id: string, uid: string | undefined): string {
  return `${id}#${uid ?? ''}`
}
