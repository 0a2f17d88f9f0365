package audit

// What people do to whole PBXs, and to the customers whom they are run for.
const (
	PBXCreate      Action = "pbx.create"
	PBXBatch       Action = "pbx.create_from_file"
	PBXUpdate      Action = "pbx.update"
	PBXResize      Action = "pbx.resize"
	PBXStart       Action = "pbx.start"
	PBXStop        Action = "pbx.stop"
	PBXCustomers   Action = "pbx.customers"
	PBXMail        Action = "pbx.activation_mail"
	PBXDelete      Action = "pbx.delete"
	PBXAccess      Action = "pbx.api_access"
	CustomerCreate Action = "customer.create"
)
