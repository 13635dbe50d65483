variable "name" {
  description = "Name of the stack: `name` in switchback.yaml, which its alarms and documents bear too."
  type        = string
}

variable "directory" {
  description = "What `switchback synth --out DIR` wrote: template.json, and assets/."
  type        = string
}

variable "bucket" {
  description = "A bucket of yours in the region of the configuration, without dots in its name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "Name a bucket without dots: CloudFormation reads the template over HTTPS, under the bucket's own host name."
  }
}

variable "prefix" {
  description = "What stands before the assets' names in the bucket: empty, or a folder with its slash at the end."
  type        = string
  default     = "switchback/"

  validation {
    condition     = can(regex("^([^/]+/)*$", var.prefix))
    error_message = "Write a folder with its slash at the end, or nothing: \"switchback/\"."
  }
}

variable "tags" {
  description = "Tags of the stack; CloudFormation puts them on what it creates."
  type        = map(string)
  default     = {}
}
