import { VOCABULARY } from '../world/vocabulary.ts'
import { DOCUMENT_TOKENS_MAX } from '../world/documents.ts'
import { layoutOf, type Shape } from './shape.ts'

/** The pocket model: 363,168 parameters. */
export const POCKET_SHAPE: Shape = {
  vocabulary: VOCABULARY.length,
  width: 96,
  layers: 3,
  heads: 4,
  context: DOCUMENT_TOKENS_MAX,
}

export const POCKET_LAYOUT = layoutOf(POCKET_SHAPE)
