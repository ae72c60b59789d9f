import { ResolverError } from './invocation.ts'

const FORMS = ['nfc', 'nfd', 'nfkc', 'nfkd']

/** `util.str` */
export const str = {
  normalize(text: string, form: string): string {
    if (!FORMS.includes(form)) {
      throw new ResolverError(`util.str.normalize: form must be one of ${FORMS.join(', ')}, got ${form}`, 'Code')
    }
    return text.normalize(form.toUpperCase())
  },
}
