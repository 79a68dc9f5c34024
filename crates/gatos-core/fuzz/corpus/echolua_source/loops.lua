function fold(state, event)
  for i = 3, 1, -1 do state["k" .. i] = i end
  for k, v in dpairs(state) do if v == 2 then state[k] = nil end end
  for i, v in ipairs(event.payload.list) do state.last = v end
  local i = 0
  while true do i = i + 1 if i > 9 then break end end
  repeat local done = i < 3 i = i - 1 until done
  return state
end
