import type { Address, Kernel } from '../kernel/kernel.ts'
import type { LayerTensors, Layout, Tensor } from './shape.ts'

/** A layer's matrices in the strips that the kernel multiplies by, forward (`x W`) or backward (`dy W^T`). */
interface LayerStrips {
  readonly qkv: Address
  readonly out: Address
  readonly up: Address
  readonly down: Address
}

/** A place in the kernel's memory for one set of weights, also packed into strips. */
export interface LoadedWeights {
  readonly layout: Layout
  /** All weights, as in the layout. */
  readonly flat: Address
  readonly forward: readonly LayerStrips[]
  /** embedding^T: hidden states to logits. */
  readonly logits: Address
  readonly backward: readonly LayerStrips[]
  /** The embedding itself: gradients of logits to those of hidden states. */
  readonly logitsBackward: Address
  at(tensor: Tensor): Address
}

const MATRICES = ['qkv', 'out', 'up', 'down'] as const

export function reserveWeights(kernel: Kernel, layout: Layout): LoadedWeights {
  const flat = kernel.allocate(layout.size)
  const strips = (layer: LayerTensors): LayerStrips => ({
    qkv: kernel.allocate(layer.qkv.size),
    out: kernel.allocate(layer.out.size),
    up: kernel.allocate(layer.up.size),
    down: kernel.allocate(layer.down.size),
  })
  return {
    layout,
    flat,
    forward: layout.layers.map(strips),
    logits: kernel.allocate(layout.embedding.size),
    backward: layout.layers.map(strips),
    logitsBackward: kernel.allocate(layout.embedding.size),
    at: (tensor) => flat + 4 * tensor.offset,
  }
}

/** Copies weights in and packs them. The strips for the way back are made only where they are asked for. */
export function loadWeights(
  kernel: Kernel,
  place: LoadedWeights,
  weights: Float32Array,
  training: boolean,
): void {
  const { layout } = place
  kernel.floats(place.flat, layout.size).set(weights)
  const { packAcross, packAlong } = kernel.run
  const { vocabulary, width } = layout.shape
  layout.layers.forEach((layer, l) => {
    for (const name of MATRICES) {
      const [rows = 0, columns = 0] = layer[name].shape
      const source = place.at(layer[name])
      packAcross(source, columns, rows, columns, 8, (place.forward[l] as LayerStrips)[name])
      if (training) packAlong(source, columns, columns, rows, 8, (place.backward[l] as LayerStrips)[name])
    }
  })
  const embedding = place.at(layout.embedding)
  packAlong(embedding, width, width, vocabulary, 8, place.logits)
  if (training) packAcross(embedding, width, vocabulary, width, 8, place.logitsBackward)
}
