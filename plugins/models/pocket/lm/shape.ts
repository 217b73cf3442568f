/** The sizes of a decoder. `width / heads` and `vocabulary` are multiples of 8, `context` too. */
export interface Shape {
  readonly vocabulary: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly context: number
}

/** One tensor in the flat buffer of all weights. */
export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  /** In floats. */
  readonly offset: number
  readonly size: number
  /** Standard deviation at the start; 0 means that all values start at 1 (a gain). */
  readonly spread: number
}

export interface LayerTensors {
  readonly attentionGain: Tensor
  readonly qkv: Tensor
  readonly out: Tensor
  readonly mlpGain: Tensor
  readonly up: Tensor
  readonly down: Tensor
}

/** Where each tensor lies. They lie in the order of their names, so the buffer's bytes are in digest order. */
export interface Layout {
  readonly shape: Shape
  readonly tensors: readonly Tensor[]
  readonly embedding: Tensor
  readonly finalGain: Tensor
  readonly layers: readonly LayerTensors[]
  /** Floats in all: 363,168 for the pocket model. */
  readonly size: number
}

export function layoutOf(shape: Shape): Layout {
  const { vocabulary, width: d, layers, heads } = shape
  if (d % heads || (d / heads) % 8 || vocabulary % 8 || shape.context % 8) {
    throw new RangeError('The head width, the vocabulary and the context must be multiples of 8')
  }
  // The branches of deeper models start smaller, so that the residual stream keeps its scale (GPT-2).
  const branch = 1 / Math.sqrt(2 * layers)
  const drafts: [name: string, shape: number[], spread: number][] = [
    ['embedding', [vocabulary, d], 0.02],
    ['final.gain', [d], 0],
  ]
  for (let l = 0; l < layers; l++) {
    drafts.push(
      [`layer.${l}.attention.gain`, [d], 0],
      [`layer.${l}.attention.out`, [d, d], 0.08 * branch],
      [`layer.${l}.attention.qkv`, [d, 3 * d], 0.08],
      [`layer.${l}.mlp.down`, [4 * d, d], 0.05 * branch],
      [`layer.${l}.mlp.gain`, [d], 0],
      [`layer.${l}.mlp.up`, [d, 4 * d], 0.08],
    )
  }
  let size = 0
  const tensors = drafts.map(([name, dimensions, spread]) => {
    const tensor = { name, shape: dimensions, offset: size, size: dimensions.reduce((a, b) => a * b), spread }
    size += tensor.size
    return tensor
  })
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const find = (name: string): Tensor => byName.get(name) as Tensor
  return {
    shape,
    tensors,
    embedding: find('embedding'),
    finalGain: find('final.gain'),
    layers: Array.from({ length: layers }, (_, l) => ({
      attentionGain: find(`layer.${l}.attention.gain`),
      qkv: find(`layer.${l}.attention.qkv`),
      out: find(`layer.${l}.attention.out`),
      mlpGain: find(`layer.${l}.mlp.gain`),
      up: find(`layer.${l}.mlp.up`),
      down: find(`layer.${l}.mlp.down`),
    })),
    size,
  }
}
