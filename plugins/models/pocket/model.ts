import { canonicalDigest } from '../../../events/canonical.ts'
import type { Model, PluginHost } from '../../api.ts'
import { kernelDigest } from './kernel/kernel.ts'
import { POCKET_LAYOUT, POCKET_SHAPE } from './lm/pocket-shape.ts'
import { pocketPolicy } from './policy.ts'
import { checkPrinciples, TEMPLATES } from './rendering.ts'
import { baseWeights, sharedWeights, Studio } from './studio.ts'
import { VOCABULARY } from './world/vocabulary.ts'

/** Raised when the model's answers may change though weights, kernel, vocabulary and templates do not. */
const BEHAVIOUR = 1

/** Opens the pocket model: 363,168 parameters, trained from nothing on the miniature world, in this process. */
export function openModel(host: PluginHost): Model {
  const studio = new Studio(host.workers)
  const base = baseWeights()
  const identity = {
    weights: base.digest,
    kernel: kernelDigest(),
    vocabulary: canonicalDigest(VOCABULARY),
    parameters: POCKET_LAYOUT.size,
    layers: POCKET_SHAPE.layers,
    width: POCKET_SHAPE.width,
    context: POCKET_SHAPE.context,
  }
  return {
    by: {
      plugin: 'pocket',
      behaviour: canonicalDigest({ port: 'model', behaviour: BEHAVIOUR, identity, templates: TEMPLATES }),
    },
    name: 'pocket',
    determinism: 'exact',
    weights: base.digest,
    identity,
    templates: TEMPLATES,
    principleFields: ['critique', 'revision', 'preference'],
    reasons: false,
    pooling: 'mean-of-answer',
    dimensions: POCKET_SHAPE.width,
    batch: 512,
    checkPrinciples,
    base: pocketPolicy(studio, base),
    at: async ({ bytes }) => pocketPolicy(studio, sharedWeights(bytes)),
    close: () => studio.close(),
  }
}
