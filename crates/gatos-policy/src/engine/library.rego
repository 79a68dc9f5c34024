package gatos

# The actors of a group whose approval stands: one person counts once, whatever keys they have, and
# not at all if they also rejected.
approvers(group) := {approval.actor |
	some approval in input.approvals
	approval.verdict == "approve"
	approval.actor in input.groups[group]
	not approval.actor in rejecters
}

rejecters := {approval.actor |
	some approval in input.approvals
	approval.verdict == "reject"
}

# What is missing of requirements such as `{"leads": 2, "security": 1}`.
missing(requirements) := missing_without(requirements, [])

# As `missing`, where the approvals of some actors do not count.
missing_without(requirements, actors) := {entry |
	some group, wanted in requirements
	have := count(approvers(group) - {actor | some actor in actors})
	have < wanted
	entry := {"kind": "approvals", "group": group, "count": wanted - have, "of": wanted}
}

# A missing fact that is no approval.
fact(text) := {"kind": "fact", "text": text}
