x = 1
function fold(state)
  for k in pairs(state) do goto a end
  return 2 ^ 3, ...
end
