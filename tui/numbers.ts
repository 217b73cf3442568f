/** A number with a thousands separator: `41,220`. */
export const grouped = (count: number): string =>
  Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')

/** Fixed decimals with a sign: `+1.31`, `-0.44`, and `0.00` without one. Non-finite numbers by their name. */
export const signed = (value: number, decimals = 2): string => {
  if (!Number.isFinite(value)) return String(value)
  const shown = Math.abs(value).toFixed(decimals)
  if (Number(shown) === 0) return shown
  return (value < 0 ? '-' : '+') + shown.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',')
}

export const fixed = (value: number, decimals = 2): string => {
  if (!Number.isFinite(value)) return String(value)
  const shown = value.toFixed(decimals)
  return Number(shown) === 0 ? shown.replace('-', '') : shown
}

/** A share of one as whole per cent: `12%`; `<1%` where it would round to nothing. */
export const percent = (share: number): string => {
  if (!Number.isFinite(share)) return '–'
  const whole = Math.round(share * 100)
  return whole === 0 && share > 0 ? '<1%' : `${whole}%`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `9.3s`, `42s`, `4m12s`, `3h05m`, `2d04h`. */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds) || seconds < 0) return '–'
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`
  return `${Math.floor(whole / 86_400)}d${two(Math.floor((whole % 86_400) / 3600))}h`
}

/** Things a second, with as many digits as they deserve: `212/s`, `3.4/s`, `0.02/s`. */
export const perSecond = (rate: number): string => {
  if (!Number.isFinite(rate) || rate <= 0) return '–'
  if (rate >= 100) return `${grouped(rate)}/s`
  return `${rate.toPrecision(2).replace(/e.*$/, '')}/s`
}

/** `1 label`, `2 labels`, `1,600 labels`. The unit is given in the plural. */
export const counted = (count: number, unit: string): string =>
  `${grouped(count)} ${count === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}`

/** `1.2 GB`; decimal units, as disks are sold and as `du --si` prints. */
export const byteSize = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let at = 0
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at]}`
}
