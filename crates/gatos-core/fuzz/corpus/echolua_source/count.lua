function fold(state, event)
  state.n = (state.n or 0) + 1
  return state
end
