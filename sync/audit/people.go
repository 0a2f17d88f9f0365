package audit

// Acts on people, their ways in, and what two of them decide.
const (
	UserInvite     Action = "user.invite"
	UserUninvite   Action = "user.uninvite"
	UserReset      Action = "user.reset"
	UserRole       Action = "user.set_role"
	UserDeactivate Action = "user.deactivate"
	UserActivate   Action = "user.activate"
	UserPassword   Action = "user.set_password"
	UserProve      Action = "user.prove"
	FactorSet      Action = "user.set_second_factor"
	FactorDrop     Action = "user.drop_second_factor"
	FactorCodes    Action = "user.new_recovery_codes"
	FactorUse      Action = "user.second_factor"
	SessionEnd     Action = "session.end"
	TokenCreate    Action = "token.create"
	TokenRevoke    Action = "token.revoke"
	PlanApprove    Action = "plan.approve"
)
