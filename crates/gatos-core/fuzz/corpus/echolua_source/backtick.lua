function fold(state, event) return `x` end
