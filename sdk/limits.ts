/** What an agent may set, and a job for itself: the API's resolvers read these too, so this file is in AppSync's JavaScript. */

export const MAX_ATTEMPTS = 20
export const MAX_TIMEOUT_SECONDS = 86_400
